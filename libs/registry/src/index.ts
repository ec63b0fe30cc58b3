export * from './deletion.js';
export * from './ownership.js';
export * from './refusal.js';
export * from './registration.js';
export * from './schema-document.js';
export * from './settings.js';
export * from './subject-rules.js';
export * from './subject.js';
