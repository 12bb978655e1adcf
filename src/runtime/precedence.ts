import { constants, getPriority, setPriority } from 'node:os'

/**
 * Lets the other threads of the process go before the calling one where there are fewer cores than threads: for stages
 * whose output others wait for. What is made faster than it is folded only waits in memory, and the last stages are the
 * longest: with a core of their own they are never behind, and the rest share what is left.
 *
 * Three steps of niceness are half the weight, so that two threads behind weigh as much as the one before, which is how
 * Linux shares them out over two cores. It is for good: who has stepped back may come forward only as root. Elsewhere than on
 * Linux a priority is that of the whole process, and nothing is done.
 */
export function stepBack(): void {
  if (process.platform !== 'linux') return
  try {
    setPriority(Math.min(priorityAtStart + steps, constants.priority.PRIORITY_LOW))
  } catch {
    // A sandbox may forbid it, and then the system shares the cores as it sees fit.
  }
}

const steps = 3
const priorityAtStart = getPriority()
