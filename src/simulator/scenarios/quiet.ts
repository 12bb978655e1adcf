import type { Scenario } from './scenario'

export const quiet: Scenario = {
  name: 'quiet',
  summary: 'The ordinary traffic alone; nothing is bought and nothing out of the ordinary happens.',
  defaults: {},
  plan: () => [],
}
