import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { builtCli } from '../../test/support/cli'

/** How large the young generation is, in megabytes, once these modules of the build have been loaded in this order. */
function loaded(...modules: readonly string[]): number {
  const build = dirname(dirname(builtCli()))
  const loading = modules.map((module) => `require(${JSON.stringify(join(build, module))})`)
  const telling =
    "console.log(require('node:v8').getHeapSpaceStatistics().find((one) => one.space_name === 'new_space').space_size)"
  const { stdout } = spawnSync(process.execPath, ['-e', [...loading, telling].join(';')], {
    encoding: 'utf8',
  })
  return Number(stdout) / 2 ** 20
}

it('does not grow while code is loaded, by which it else does', () => {
  expect(loaded('runtime/young-generation.js', 'cli/commands.js')).toBeLessThanOrEqual(2)
  expect(loaded('cli/commands.js')).toBeGreaterThan(2)
})
