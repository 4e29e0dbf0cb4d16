export { type Environment, type EnvironmentSources, openEnvironment } from './environment.ts';
export { resolveSecrets, type SecretContext, type SecretResolution } from './resolve-secrets.ts';
export { REDACTED, SecretRedactor } from './secret-redactor.ts';
export { holdsSecretReference, parseSecretReferences, type SecretPart } from './secret-reference.ts';
