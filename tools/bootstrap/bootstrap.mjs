// What every entry point does first. Only modules of Node itself may be imported here: nothing else need be installed yet.
import { ensureBuilt } from './built-rooms.mjs';
import { ensureDependencies } from './locked-dependencies.mjs';
import { underLockedNode } from './locked-node.mjs';

/**
 * Installs the locked dependencies, carries on under the locked Node, and builds what changed. Says one line for each step that takes long, nothing when nothing is to be done.
 * @param root the checkout
 */
export async function bootstrap(root) {
  await ensureDependencies(root);
  await underLockedNode(root);
  await ensureBuilt(root);
}
