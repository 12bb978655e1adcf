import type { ServiceSettings } from './service-settings'

/** The settings of Kafka as `KafkaClient.open` takes them; the password goes along in an environment of its own. */
export function kafkaClientSettings({ brokers, clientId, tls, sasl }: ServiceSettings['kafka']): {
  readonly settings: object
  readonly env: Record<string, string>
} {
  const { enabled, ...files } = tls
  const { mechanism, username, password } = sasl
  // Whether a password may go unencrypted has been decided when the settings were checked.
  const login = { mechanism, username, passwordEnv, allowPlaintextPassword: true }
  return {
    settings: {
      brokers,
      clientId,
      ...(enabled ? { tls: files } : {}),
      ...(mechanism === 'none' ? {} : { sasl: login }),
    },
    env: password === undefined ? {} : { [passwordEnv]: password.reveal() },
  }
}

const passwordEnv = 'PASSWORD'
