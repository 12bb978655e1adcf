import { measure } from './measure'
import type { Workload } from './measure'

/** One measurement in a process of its own, so that its memory is its own: `worker WORKLOAD FILE`, JSON on stdout. */
const [workload, path] = process.argv.slice(2) as [Workload, string]
void measure(workload, path).then((measured) => {
  process.stdout.write(JSON.stringify(measured))
})
