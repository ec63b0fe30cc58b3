import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** A key and what vouches for it, as PEM. */
export interface TestCertificate {
  readonly certificate: string;
  /** PKCS #8. */
  readonly key: string;
}

export interface TestLeaf {
  /** Names and IPv4 addresses that it is good for. */
  readonly names: readonly string[];
  /** Common name; PostgreSQL takes it for the user of a client. Default: the first of `names`. */
  readonly commonName?: string;
  /** Default: from an hour ago until in a day. */
  readonly validFrom?: Date;
  readonly validTo?: Date;
}

/** Signs certificates for one test. */
export interface TestCa {
  /** Of the CA itself, as PEM. */
  readonly certificate: string;
  issue(leaf: TestLeaf): TestCertificate;
}

const hourMs = 3_600_000;

/** A certificate authority with a key of its own, made here: X.509 version 3 (RFC 5280) over P-256 with SHA-256, so that no program is needed for it. */
export function testCa(name = 'truc test CA'): TestCa {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const now = Date.now();
  const own = signed({
    issuer: name,
    subject: name,
    validity: [new Date(now - hourMs), new Date(now + 24 * hourMs)],
    publicKey,
    signWith: privateKey,
    extensions: [
      extension('2.5.29.19', true, sequence(boolean(true))),
      extension('2.5.29.15', true, bitString(Buffer.from([0x06]), 1)),
      keyIdOf(publicKey),
    ],
  });
  return {
    certificate: own,
    issue({ names, commonName = names[0] ?? 'nobody', validFrom = new Date(now - hourMs), validTo = new Date(now + 24 * hourMs) }) {
      const leaf = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const alternatives = names.map((one) =>
        isIPv4(one) ? der(0x87, Buffer.from(one.split('.').map(Number))) : der(0x82, Buffer.from(one, 'ascii')),
      );
      const certificate = signed({
        issuer: name,
        subject: commonName,
        validity: [validFrom, validTo],
        publicKey: leaf.publicKey,
        signWith: privateKey,
        extensions: [
          ...(alternatives.length === 0 ? [] : [extension('2.5.29.17', false, sequence(...alternatives))]),
          keyIdOf(leaf.publicKey),
          // Strict readers, as Python's from 3.13 on, look for the key of who signed.
          extension('2.5.29.35', false, sequence(der(0x80, keyId(publicKey)))),
        ],
      });
      return { certificate, key: leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
    },
  };
}

interface Unsigned {
  readonly issuer: string;
  readonly subject: string;
  readonly validity: readonly [Date, Date];
  readonly publicKey: KeyObject;
  readonly signWith: KeyObject;
  readonly extensions: readonly Buffer[];
}

function signed({ issuer, subject, validity, publicKey, signWith, extensions }: Unsigned): string {
  const ecdsaWithSha256 = sequence(objectId('1.2.840.10045.4.3.2'));
  // The first bit of a serial number is its sign.
  const serial = Buffer.concat([Buffer.from([0x01]), randomBytes(15)]);
  const content = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    ecdsaWithSha256,
    distinguishedName(issuer),
    sequence(...validity.map(utcTime)),
    distinguishedName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const whole = sequence(content, ecdsaWithSha256, bitString(sign('sha256', content, signWith), 0));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** One element of DER: its tag, its length, its content. */
function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function boolean(value: boolean): Buffer {
  return der(0x01, Buffer.from([value ? 0xff : 0]));
}

function bitString(bits: Buffer, unused: number): Buffer {
  return der(0x03, Buffer.concat([Buffer.from([unused]), bits]));
}

function objectId(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let left = value >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80);
  return digits;
}

function distinguishedName(commonName: string): Buffer {
  return sequence(der(0x31, sequence(objectId('2.5.4.3'), der(0x0c, Buffer.from(commonName)))));
}

/** RFC 5280, 4.2.1.2: the digest of the public key, which is the last 65 bytes of what describes a key of P-256. */
function keyId(publicKey: KeyObject): Buffer {
  return createHash('sha1')
    .update(publicKey.export({ type: 'spki', format: 'der' }).subarray(-65))
    .digest();
}

function keyIdOf(publicKey: KeyObject): Buffer {
  return extension('2.5.29.14', false, der(0x04, keyId(publicKey)));
}

/** UTCTime, which is prescribed until 2049. */
function utcTime(date: Date): Buffer {
  return der(
    0x17,
    Buffer.from(
      date
        .toISOString()
        .slice(2)
        .replace(/[-:T]|\.\d+/g, ''),
    ),
  );
}

function extension(id: string, isCritical: boolean, value: Buffer): Buffer {
  return sequence(objectId(id), ...(isCritical ? [boolean(true)] : []), der(0x04, value));
}
