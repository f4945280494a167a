import { storageDrivers } from '../support/storage-drivers.js';
import { describeStorage } from './storage.js';
import { describeDroppable } from './storage-droppable.js';

for (const driver of storageDrivers) {
  describeStorage(driver);
  describeDroppable(driver);
}
