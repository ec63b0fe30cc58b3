import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { masterDataKeyBody, type ChangeEnvelope, type MasterDataKey, type ViewEnvelope } from '@truc/change-event';
import type { Row } from '@truc/kernel';
import type { ViewPolicy } from './view-policy.js';

/** Turns events of a dataset into events of a view: nothing that the contract does not name leaves through it. */
export interface ViewProjection {
  readonly view: ViewPolicy;
  key(key: MasterDataKey): MasterDataKey;
  value(event: ChangeEnvelope): ViewEnvelope;
}

/** The secret of one view, derived from the distributor's root secret, so that no two views share keys. */
export function viewSecret(rootSecret: Buffer, viewId: string): Buffer {
  return createHmac('sha256', rootSecret).update(`truc view ${viewId}`).digest();
}

/** First 128 bits of HMAC-SHA-256 in base64url (22 characters). */
function mark(secret: KeyObject, purpose: string, body: Buffer): string {
  return createHmac('sha256', secret).update(purpose).update(body).digest().subarray(0, 16).toString('base64url');
}

/**
 * Compiles the projection of a view.
 *
 * The key is made anew: `row` becomes a keyed hash of the whole dataset key and stays empty only where it is empty and the code is in clear; a code that the
 * contract does not name becomes a keyed hash as well. `source` keeps position and time, `before` and `transaction` are left out.
 */
export function compileProjection(view: ViewPolicy, secret: Buffer): ViewProjection {
  // Made once: preparing a key costs many times what the hash of one record does.
  const key = createSecretKey(secret);
  const names = view.fields.map((field) => field.name);
  const clearSchemes = new Set(view.codeInClear ? [view.scheme] : []);
  for (const { scheme, inClear } of view.otherCodes ?? []) if (inClear) clearSchemes.add(scheme);
  const project = (row: Row): Row => {
    const projected: Row = {};
    for (const name of names) projected[name] = row[name] ?? null;
    return projected;
  };
  return {
    view,
    key: (datasetKey) => {
      const body = masterDataKeyBody(datasetKey);
      const isInClear = clearSchemes.has(datasetKey.scheme);
      return {
        scheme: datasetKey.scheme,
        code: isInClear ? datasetKey.code : mark(key, 'code', masterDataKeyBody({ ...datasetKey, row: '' })),
        row: datasetKey.row === '' && isInClear ? '' : mark(key, 'row', body),
      };
    },
    value: ({ after, source, op, ts_ms }) => ({
      before: null,
      after: after === null ? null : project(after),
      source: { ts_ms: source.ts_ms, epoch: source.epoch, sequence: source.sequence, index: source.index },
      op,
      ts_ms,
    }),
  };
}
