export { RegistryClient, RegistryRefusedError, type RegistryClientOptions } from './registry-client.js';
export type { RegistryConnection } from './registry-http.js';
