export * from './agency-code.js';
export * from './clock.js';
export * from './configuration.js';
export * from './position.js';
export * from './truc-error.js';
export * from './row-value.js';
export * from './store-database.js';
export * from './within.js';
