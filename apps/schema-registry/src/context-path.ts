import { contextSubject, defaultContext, RegistryRefusal } from '@truc/registry';

/**
 * A path below a context as the same path without it, where subjects carry the context: `/contexts/.staging/subjects/orders` is `/subjects/:.staging:orders`.
 * @param url path and query, encoded
 * @throws RegistryRefusal badRequest: the context has a colon in its name
 */
export function withoutContextPath(url: string): string {
  const [path = '', search = ''] = url.split(/\?(.*)/s);
  const [, head, context, ...rest] = path.split('/');
  if (head !== 'contexts' || context === undefined || context === '') return url;
  const prefix = prefixOf(context);
  const segments = rest.filter((segment, index) => segment !== '' || index < rest.length - 1);
  if (segments.length === 0) return prefix === '' ? `/${query(search)}` : `/contexts/${encodeURIComponent(prefix)}${query(search)}`;

  const [first = ''] = segments;
  const isSettings = first === 'config' || first === 'mode';
  const at = isSettings ? 1 : segments.indexOf('subjects') + 1;
  if (at > 0 && segments[at] !== undefined) segments[at] = inContext(segments[at], prefix);
  else if (isSettings && prefix !== '') segments.push(encodeURIComponent(prefix));
  const asked = new URLSearchParams(search);
  if (first === 'schemas' && segments[1] === 'ids') setInContext(asked, 'subject', prefix);
  if (segments.length === 1 && (first === 'schemas' || first === 'subjects'))
    setInContext(asked, 'subjectPrefix', prefix === '' ? ':.:' : prefix);
  return `/${segments.join('/')}${query(asked.toString())}`;
}

function prefixOf(segment: string): string {
  const text = decoded(segment).replace(/^:/, '').replace(/:$/, '');
  if (text.includes(':')) throw new RegistryRefusal('badRequest', `Context name '${text.slice(0, 80)}' cannot contain a colon`);
  const context = text.startsWith('.') ? text : `.${text}`;
  return context === defaultContext ? '' : contextSubject(context);
}

function inContext(segment: string, prefix: string): string {
  return namesContext(decoded(segment)) ? segment : `${encodeURIComponent(prefix)}${segment}`;
}

function setInContext(asked: URLSearchParams, name: string, prefix: string): void {
  const value = asked.get(name) ?? '';
  if (!namesContext(value) && prefix !== '') asked.set(name, `${prefix}${value}`);
}

function namesContext(text: string): boolean {
  return text.startsWith(':.') || text.startsWith(':*:');
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function query(search: string): string {
  return search === '' ? '' : `?${search}`;
}
