import { PlatformClient } from '@truc/local-stack';
import { currentContext, findContextFile, type ContextPlaces } from '../context-file.js';

/** The platform of the current context. @throws TrucError CONTEXT_MISSING, CONTEXT_UNREADABLE */
export function platformOfContext(places: ContextPlaces): PlatformClient {
  const { platformUrl, token } = currentContext(findContextFile(places));
  return new PlatformClient(platformUrl, token);
}
