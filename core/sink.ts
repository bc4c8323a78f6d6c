// From the bus to the store: the one place where samples become durable. What the store refuses goes back to
// the bus, which hands it to its publisher (memory) or gives it again (Kafka).
import type { Bus, Subscription } from './bus.ts'
import type { Store } from './store.ts'

export const openSink = (bus: Bus, store: Store): Promise<Subscription> =>
  bus.subscribe('samples', 'sink', batches => store.append(batches))
