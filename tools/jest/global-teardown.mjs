export default async function globalTeardown() {
  await globalThis.trucTestStack?.stop();
}
