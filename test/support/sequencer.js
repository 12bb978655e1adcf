const { join, sep } = require('node:path')
const { default: Sequencer } = require('@jest/test-sequencer')

/**
 * Which test file a worker takes next. Jest takes the slowest first, by its own notes of earlier runs. A fresh clone has
 * none, and goes by the size of files; but a short test may start services and wait for minutes, and one that comes last
 * leaves the other cores idle. So where there are no notes, those in `test/`, which start things, come before those
 * beside the source.
 */
module.exports = class extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests)
    if (sorted.some(({ duration }) => duration !== undefined)) return sorted
    const startsThings = ({ path, context }) => path.startsWith(join(context.config.rootDir, 'test', sep))
    return [...sorted.filter(startsThings), ...sorted.filter((test) => !startsThings(test))]
  }
}
