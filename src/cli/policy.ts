import { Command } from 'commander'
import { z } from 'zod'
import { printable, printableJson } from '../explain/name'
import { differencesOf } from '../policy/difference'
import type { Difference } from '../policy/difference'
import { parsePolicy, policySchema } from '../policy/policy'
import type { Policy } from '../policy/policy'
import { readJsonFile } from '../settings/json-file'
import { activateInFolder, activateInTopic, activationOf, newId } from './activate'
import type { ActivateOptions } from './activate'

/** Reads and checks a policy file; without one, the default policy. */
export function policyFrom(file: string | undefined): Policy {
  if (file === undefined) return parsePolicy({})
  return parsePolicy(readJsonFile(file, 'the policy'), `the policy ${file}`)
}

function tellDifferences(differences: readonly Difference[], isJson: boolean): void {
  const shown = (value: unknown): string => (value === null ? 'nothing' : JSON.stringify(value))
  for (const difference of differences) {
    const { setting, before, after, meaning } = difference
    const line = isJson
      ? JSON.stringify(difference)
      : `${setting}: ${shown(before)} → ${shown(after)}\n    ${meaning}`
    process.stdout.write(`${isJson ? printableJson(line) : line.split('\n').map(printable).join('\n')}\n`)
  }
  if (differences.length === 0) process.stderr.write('assay: the two policies are the same\n')
}

export function policyCommand(): Command {
  const command = new Command('policy').description('check and show the policy: what changes a decision')
  command
    .command('show')
    .argument('[file]', 'a policy file; without it, the default policy')
    .description('print the whole policy, defaults filled in, as JSON')
    .action((file?: string) => {
      process.stdout.write(`${JSON.stringify(policyFrom(file), undefined, 2)}\n`)
    })
  command
    .command('check')
    .argument('<file>', 'a policy file')
    .description('check a policy file; exit code 78 and every fault by name where it does not hold')
    .action((file: string) => {
      process.stderr.write(`assay: the policy ${file} holds, version ${policyFrom(file).version}\n`)
    })
  command
    .command('schema')
    .description('print the JSON Schema of a policy file, for editors and checks')
    .action(() => {
      process.stdout.write(`${JSON.stringify(z.toJSONSchema(policySchema, { io: 'input' }), undefined, 2)}\n`)
    })
  command
    .command('diff')
    .argument('<before>', 'a policy file; "default" is the default policy')
    .argument('<after>', 'a policy file; "default" is the default policy')
    .option('--json', 'print one JSON object a line')
    .description('name each setting that changes, with what it does')
    .action((before: string, after: string, { json }: { json?: boolean }) => {
      const policies = [before, after].map((file) => policyFrom(file === 'default' ? undefined : file))
      tellDifferences(differencesOf(policies[0]!, policies[1]!), json === true)
    })
  command
    .command('activate')
    .argument('<file>', 'a policy file')
    .requiredOption('--by <name>', 'who activates it')
    .option(
      '--approved-by <name...>',
      'who approved it; a policy that lets accounts be closed needs another person',
    )
    .option('--state <folder>', 'for "run --embedded": the folder of its state')
    .option('--brokers <list>', 'for the service: host:port, separated by commas (default: ASSAY_BROKERS)')
    .option('--settings <file>', 'for the service: its settings as JSON (default: ASSAY_SETTINGS)')
    .option('--policy <file>', 'the policy that the state was begun with; without it, the default policy')
    .option('--at <time>', 'event time from which it holds, as ISO 8601 (default: now)')
    .description('put a policy in force, from the next epoch on, without a restart of the service')
    .action(async (file: string, options: ActivateOptions & { readonly policy?: string }) => {
      const begun = policyFrom(options.policy)
      const policy = policyFrom(file)
      const record = activationOf(policy, options, { nowMs: Date.now(), id: newId() })
      const place =
        options.state === undefined
          ? await activateInTopic(options, record, begun)
          : activateInFolder(options.state, record, begun)
      const from = new Date(record.occurredAt).toISOString()
      process.stderr.write(`assay: policy ${policy.version} holds from ${from} on; it is in ${place}\n`)
    })
  return command.addHelpText(
    'after',
    `
Examples:
  assay policy show > policy.json          write the default policy to a file, to change it
  assay policy check policy.json           find out what is wrong with it
  assay policy diff default policy.json    see what it changes, and what that does
  assay policy activate policy.json --state state --by ada --approved-by grace
  assay policy activate policy.json --brokers localhost:9092 --by ada
  assay replay day.ndjson --policy policy.json`,
  )
}
