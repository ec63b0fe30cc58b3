export * from './compile-view.js';
export * from './view-policy.js';
export * from './view-projection.js';
