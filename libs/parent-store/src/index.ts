export { openParentFile } from './parent-file.js';
