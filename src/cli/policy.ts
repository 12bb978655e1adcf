import { Command } from 'commander'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { SettingsError, UnreachableError } from '../model/errors'
import { parsePolicy, policySchema } from '../policy/policy'
import type { Policy } from '../policy/policy'

/** Reads and checks a policy file; without one, the default policy. */
export function policyFrom(file: string | undefined): Policy {
  if (file === undefined) return parsePolicy({})
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new UnreachableError(
      `the policy ${file} cannot be read: ${(error as Error).message}; name a JSON file`,
    )
  }
  let written: unknown
  try {
    written = JSON.parse(text)
  } catch (error) {
    throw new SettingsError(`the policy ${file} is not JSON: ${(error as Error).message}`)
  }
  return parsePolicy(written, `the policy ${file}`)
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
  return command.addHelpText(
    'after',
    `
Examples:
  assay policy show > policy.json          write the default policy to a file, to change it
  assay policy check policy.json           find out what is wrong with it
  assay replay day.ndjson --policy policy.json`,
  )
}
