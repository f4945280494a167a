import { storageDrivers } from '../support/storage-drivers.js';
import { describeStorage } from './storage.js';

for (const driver of storageDrivers) describeStorage(driver);
