// `npm run check`: types, lint and format, beside each other, since each of them keeps one core busy. What one says comes
// out as a whole when it is through, and any of them that fails makes this fail.
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')

// The longest first.
const checks = [
  ['eslint/bin/eslint.js', '--cache', '--cache-location', 'node_modules/.cache/eslint/', '.'],
  ['typescript/bin/tsc', '--noEmit'],
  ['typescript/bin/tsc', '--noEmit', '-p', 'src/console'],
  ['prettier/bin/prettier.cjs', '--check', '--cache', '--log-level', 'warn', '.'],
]

const outcomes = await Promise.all(checks.map(check))
process.exitCode = outcomes.every((isFine) => isFine) ? 0 : 1

function check([program, ...args]) {
  const child = spawn(process.execPath, [join(modules, program), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => said.push(part))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      process.stdout.write(Buffer.concat(said))
      resolve(code === 0)
    })
  })
}
