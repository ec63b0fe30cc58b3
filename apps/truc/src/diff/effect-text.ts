import type { Language } from '@truc/kernel';
import type { ChangeEffect } from './change-effect.js';

type ContractEffect = Extract<ChangeEffect, { kind: 'contract' }>;

/** One sentence for people, without a full stop. */
export function effectText(effect: ChangeEffect, language: Language): string {
  return language === 'vi' ? vietnamese(effect) : english(effect);
}

function english(effect: ChangeEffect): string {
  switch (effect.kind) {
    case 'snapshot':
      return effect.again
        ? `${effect.dataset}: ${effect.table} would have to be read whole again, because rows that do not change would not follow`
        : `${effect.dataset}: a snapshot of ${effect.table} begins when its agent has the policy`;
    case 'topic':
      return `${effect.dataset}: a new topic ${effect.topic} with ${effect.partitions} partitions, and one for its quarantine`;
    case 'generation':
      return effect.from === effect.to
        ? `${effect.dataset}: other partitions send keys elsewhere, which takes a new generation of its topic`
        : `${effect.dataset}: a new generation, ${effect.from} becomes ${effect.to}`;
    case 'judgement':
      return `${effect.dataset}: rows are judged otherwise from then on, and what is held back is judged again`;
    case 'contract':
      return contractEnglish(effect);
    case 'description':
      return 'nothing of any row changes';
  }
}

function vietnamese(effect: ChangeEffect): string {
  switch (effect.kind) {
    case 'snapshot':
      return effect.again
        ? `${effect.dataset}: phải đọc lại toàn bộ ${effect.table}, vì những dòng không thay đổi sẽ không theo điều kiện mới`
        : `${effect.dataset}: bắt đầu đọc toàn bộ ${effect.table} khi bộ kết nối nhận được chính sách`;
    case 'topic':
      return `${effect.dataset}: chủ đề mới ${effect.topic} có ${effect.partitions} phân vùng, kèm một chủ đề cách ly`;
    case 'generation':
      return effect.from === effect.to
        ? `${effect.dataset}: đổi số phân vùng làm khóa đi nơi khác, nên cần một thế hệ mới của chủ đề`
        : `${effect.dataset}: thế hệ mới, ${effect.from} thành ${effect.to}`;
    case 'judgement':
      return `${effect.dataset}: từ đó các dòng được xét theo quy tắc khác, dòng đang bị giữ được xét lại`;
    case 'contract':
      return contractVietnamese(effect);
    case 'description':
      return 'không dòng dữ liệu nào thay đổi';
  }
}

function contractEnglish(effect: ContractEffect): string {
  switch (effect.what) {
    case 'begins':
      return `contract ${effect.contract}: ${effect.consumer} gets a view of ${effect.dataset}, filled from the log; its source is not asked`;
    case 'days':
      return `contract ${effect.contract}: the days on which ${effect.consumer} may read ${effect.dataset} change`;
    case 'scope':
      return `contract ${effect.contract}: what ${effect.consumer} gets of ${effect.dataset}, or where, would change; that takes a contract of another name`;
    case 'touched':
      return `contract ${effect.contract} is touched: ${effect.consumer} reads ${effect.dataset}`;
  }
}

function contractVietnamese(effect: ContractEffect): string {
  switch (effect.what) {
    case 'begins':
      return `hợp đồng ${effect.contract}: ${effect.consumer} có khung nhìn của ${effect.dataset}, nạp từ nhật ký, không hỏi lại nguồn`;
    case 'days':
      return `hợp đồng ${effect.contract}: thay đổi thời hạn ${effect.consumer} được đọc ${effect.dataset}`;
    case 'scope':
      return `hợp đồng ${effect.contract}: thay đổi phần ${effect.dataset} mà ${effect.consumer} nhận hoặc nơi nhận; việc này cần một hợp đồng tên khác`;
    case 'touched':
      return `hợp đồng ${effect.contract} bị ảnh hưởng: ${effect.consumer} đang đọc ${effect.dataset}`;
  }
}
