/** Sentences about releases of the dictionary that are proposed and do not hold yet. */
export const dictionaryProblems = {
  DICTIONARY_NOT_APPROVED: {
    message: {
      en: 'these documents need what the same files add to the dictionary, and that holds only once it is approved',
      vi: 'các tài liệu này cần phần mà chính các tệp này thêm vào từ điển, và phần đó chỉ có hiệu lực khi được phê duyệt',
    },
    hint: {
      en: 'propose the dictionary by itself (truc dictionary propose), and apply these documents after its approval',
      vi: 'hãy đề xuất riêng phần từ điển (truc dictionary propose), rồi áp dụng các tài liệu này sau khi được phê duyệt',
    },
  },
  DICTIONARY_SCHEMA_BROKEN: {
    message: {
      en: 'the registry would not take the schema that this release makes of {topic}, so that its capture would stop: {reason}',
      vi: 'sổ đăng ký sẽ không nhận lược đồ mà bản phát hành này tạo cho {topic}, khiến việc thu nhận dừng lại: {reason}',
    },
    hint: {
      en: 'leave the type of a value domain that is in use; record what is to be different by another element, and deprecate this one',
      vi: 'hãy giữ kiểu của miền giá trị đang dùng; ghi điều cần khác bằng một phần tử khác và chuyển phần tử này sang deprecated',
    },
  },
  DICTIONARY_OVERTAKEN: {
    message: {
      en: '{id} was changed by release {release} after this was proposed',
      vi: '{id} đã bị bản phát hành {release} thay đổi sau khi đề xuất này được lập',
    },
    hint: {
      en: 'withdraw the proposal, take the entry as it is now (truc dictionary export) and propose again',
      vi: 'hãy rút đề xuất, lấy mục như hiện nay (truc dictionary export) rồi đề xuất lại',
    },
  },
} as const;
