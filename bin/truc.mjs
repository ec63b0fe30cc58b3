#!/usr/bin/env node
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { realpathSync } from 'node:fs';
import { bootstrap } from '../tools/bootstrap/bootstrap.mjs';

const root = dirname(dirname(realpathSync(fileURLToPath(import.meta.url))));
await bootstrap(root);
await import(pathToFileURL(join(root, 'apps/truc/dist/main.js')).href);
