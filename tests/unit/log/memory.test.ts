import { describe } from 'vitest';
import { memoryStorage } from '../../../src/log/drivers/memory.js';
import { storagePortConformance } from '../../conformance/storage-port.js';

describe('the memory driver keeps the storage port', () => {
  storagePortConformance(async () => memoryStorage());
});
