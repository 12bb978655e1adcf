import { createServer } from 'node:net'
import { endsSoon } from '../../src/cli/ends-soon'

/** Ends with 69 in spite of a server that would go on for ever. */
createServer().listen(0, '127.0.0.1', () => {
  process.exitCode = 69
  endsSoon()
})
