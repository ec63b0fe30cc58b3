export { RegistryClient, RegistryRefusedError, type RegistryClientOptions } from './registry-client.js';
export { RegistryHttp, type RegistryAnswer, type RegistryConnection, type RegistryMethod, type RegistryProblem } from './registry-http.js';
export { RegistryReader, type LastId, type ReadSettings, type ReadVersion } from './registry-reader.js';
export { registryAddress, registryConnection, registrySettings, type RegistrySettings } from './registry-settings.js';
export { RegistryWriter, refusedBy } from './registry-writer.js';
