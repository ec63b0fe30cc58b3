import { messageOf } from '@truc/kernel';
import type { Publication, PublicationReport } from './publication.js';

export interface PublicationOutcome {
  readonly published: PublicationReport | null;
  /** Set where everything is stored but not all of it is published yet; publishing goes on by itself. */
  readonly pending: string | null;
}

export const notPublished: PublicationOutcome = { published: null, pending: null };

/** Stored is stored; the publication is made up for as soon as the brokers can be reached. */
export async function storedThenPublished(publication: Publication): Promise<PublicationOutcome> {
  try {
    return { published: await publication.publish(), pending: null };
  } catch (error) {
    return { published: null, pending: messageOf(error) };
  }
}
