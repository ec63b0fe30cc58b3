import { PlatformClient } from '@truc/local-stack';
import { currentContext, findContextFile, type ContextPlaces } from '../context-file.js';

/** The platform of the current context, or of the one that is named. @throws TrucError CONTEXT_MISSING, CONTEXT_UNKNOWN, CONTEXT_UNREADABLE */
export function platformOfContext(places: ContextPlaces, context?: string): PlatformClient {
  const { platformUrl, token, caFile, onOneMachine } = currentContext(findContextFile(places), context);
  return new PlatformClient(platformUrl, token, { caFile, onOneMachine });
}
