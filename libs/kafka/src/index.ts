export { kafkaConnection, type BrokerAddress, type KafkaConnection } from './kafka-connection.js';
export type { TopicPartition } from './cluster-metadata.js';
export { GroupLease, type GroupLeaseOptions } from './group-lease.js';
export * from './log-writer-limits.js';
export * from './log-writer.js';
export * from './log-reader.js';
export { type BrokerAcl, aclText } from './broker-acl.js';
export * from './log-admin.js';
export * from './topic-preset.js';
