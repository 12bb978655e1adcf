/**
 * Ends the process soon after what it does last, also where a connection to somebody who has gone would keep it: clients
 * of brokers try again for ever, and whoever waits for the end would wait as long. What ends by itself ends before.
 */
export function endsSoon(): void {
  setTimeout(() => process.exit(), lingerMs).unref()
}

const lingerMs = 2_000
