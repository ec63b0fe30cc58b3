import fc from 'fast-check';
import { MessageSplitter, type BackendMessage } from './message-splitter.js';

const encode = ({ type, body }: BackendMessage) => {
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};

describe('message splitter', () => {
  it('gives the same messages however the socket cuts them', () => {
    const message = fc.record({
      type: fc.constantFrom('d', 'Z', 'E'),
      body: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 12 }), fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (messages, cuts) => {
        const bytes = Buffer.concat(messages.map(encode));
        const splitter = new MessageSplitter(100);
        const seen: BackendMessage[] = [];
        for (let at = 0, cut = 0; at < bytes.length; cut++) {
          const length = cuts[cut % cuts.length]!;
          splitter.push(bytes.subarray(at, at + length));
          at += length;
          for (let next = splitter.next(); next !== null; next = splitter.next()) seen.push(next);
        }
        expect(seen).toEqual(messages);
        expect(splitter.bytes).toBe(0);
      }),
    );
  });

  it.each([0, 3, 101, 0xffffffff])('refuses a length of %i', (length) => {
    const splitter = new MessageSplitter(100);
    const head = Buffer.alloc(5, 'd');
    head.writeUInt32BE(length, 1);
    splitter.push(head);
    expect(() => splitter.next()).toThrow(expect.objectContaining({ code: 'CAPTURE_MESSAGE_TOO_LARGE' }));
  });
});
