import { rootOf } from './client'
import type { KafkaClient } from './client'

/**
 * The addresses that the brokers of a cluster give for themselves, as far as they can be learned: kafkajs asks any of
 * them for the list, and fails when it comes to one that cannot be reached, which is an address all the same. Throws
 * when it is one of `answering`, those that take connections, that fails.
 */
export async function advertisedBrokers(
  client: KafkaClient,
  answering: readonly string[],
): Promise<readonly string[]> {
  const admin = await client.admin()
  const failing = new Set<string>()
  const deadlineMs = performance.now() + patienceMs
  for (;;) {
    try {
      const { brokers } = await admin.describeCluster()
      return brokers.map(({ host, port }) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`))
    } catch (error) {
      const { broker } = rootOf(error) as { readonly broker?: unknown }
      if (typeof broker !== 'string' || answering.includes(broker)) throw error
      failing.add(broker)
      if (performance.now() > deadlineMs) return [...failing]
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

/** Enough to come to each of a few brokers by chance. */
const patienceMs = 1_500
