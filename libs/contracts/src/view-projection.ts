import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { masterDataKeyBody, type ChangeEnvelope, type MasterDataKey, type ViewEnvelope } from '@truc/change-event';
import type { Row } from '@truc/kernel';
import { compileMask } from './mask-values.js';
import type { ViewPolicy } from './view-policy.js';

/** Turns events of a dataset into events of a view: nothing that the contract does not name leaves through it. */
export interface ViewProjection {
  readonly view: ViewPolicy;
  key(key: MasterDataKey): MasterDataKey;
  value(event: ChangeEnvelope): ViewEnvelope;
}

/** A secret derived from the distributor's root secret: no two views share keys, and no two mask keys. Made once: preparing a key costs many times what the hash of one record does. */
function derivedKey(rootSecret: Buffer, purpose: string): KeyObject {
  return createSecretKey(createHmac('sha256', rootSecret).update(purpose).digest());
}

/** First 128 bits of HMAC-SHA-256 in base64url (22 characters). */
function mark(secret: KeyObject, purpose: string, body: Buffer): string {
  return createHmac('sha256', secret).update(purpose).update(body).digest().subarray(0, 16).toString('base64url');
}

/**
 * Compiles the projection of a view.
 *
 * The key is made anew: `row` becomes a keyed hash of the whole dataset key and stays empty only where it is empty and the code is in clear; a code that the
 * contract does not name in clear becomes a keyed hash as well. Masked values become what their mask leaves. `source` keeps position and time, `before` and `transaction` are left out.
 * @param rootSecret the distributor's
 */
export function compileProjection(view: ViewPolicy, rootSecret: Buffer): ViewProjection {
  const key = derivedKey(rootSecret, `truc view ${view.id}`);
  const maskKey = derivedKey(rootSecret, `truc mask ${view.maskKey ?? ''}`);
  const fields = view.fields.map(({ name, element }) => {
    const mask = view.masks?.[name];
    return { name, masked: mask === undefined ? null : compileMask(mask, element, (body) => mark(maskKey, 'value', body)) };
  });
  const clearSchemes = new Set(view.codeInClear ? [view.scheme] : []);
  for (const { scheme, inClear } of view.otherCodes ?? []) if (inClear) clearSchemes.add(scheme);
  const project = (row: Row): Row => {
    const projected: Row = {};
    for (const { name, masked } of fields) {
      const value = row[name] ?? null;
      projected[name] = masked === null || value === null ? value : masked(value);
    }
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
