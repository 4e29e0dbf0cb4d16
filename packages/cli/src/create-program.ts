import { Command, Option } from 'commander';
import type { CommandContext, GlobalOptions } from './command-context.ts';
import type { CommandLineIo } from './command-line-io.ts';
import { runDatasets } from './commands/datasets.ts';
import { runExplain } from './commands/explain.ts';
import { formatOption } from './commands/format-option.ts';
import { runInit } from './commands/init.ts';
import { runPlugins } from './commands/plugins.ts';
import { runPluginsSync } from './commands/plugins-sync.ts';
import { runRefresh } from './commands/refresh.ts';
import { runSchema } from './commands/schema.ts';
import { runSqlCommand } from './commands/sql.ts';
import { addStatementOptions } from './commands/statement-options.ts';
import { runValidate } from './commands/validate.ts';
import { readVersion } from './read-version.ts';

/**
 * The commands, their arguments and options. Parsing throws a `CommanderError` for wrong usage, and for `--help` and
 * `--version` one with exit status 0.
 */
export function createProgram(io: CommandLineIo, createContext: (options: GlobalOptions) => CommandContext): Command {
  const program = new Command('millrace')
    .description('SQL over all your data, accelerated locally.')
    .version(readVersion(), '-V, --version', 'print the version')
    .option('-c, --config <file>', 'configuration file', 'millrace.yaml')
    .option(
      '--host-root <folder>',
      'folder whose package.json declares the plugins (default: nearest to the configuration)',
    )
    .option('--debug', 'print stacks of errors')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help of a command')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    })
    .showSuggestionAfterError()
    .exitOverride();
  const context = () => createContext(program.opts<GlobalOptions>());

  program
    .command('init')
    .description('write a millrace.yaml for the data files in this folder')
    .option('-y, --yes', 'ask nothing: take every data file')
    .option('--force', 'overwrite an existing configuration')
    .action((options) => runInit(context(), options));
  addStatementOptions(
    program
      .command('sql')
      .description('run a query, or open a prompt')
      .argument('[query]', 'SQL; - reads it from standard input; none opens the prompt'),
  )
    .addOption(formatOption())
    .action((query, options) => runSqlCommand(context(), query, options));
  addStatementOptions(
    program
      .command('explain')
      .description('say how a query would be answered')
      .argument('[query]', 'SQL; - reads it from standard input'),
  )
    .addOption(new Option('--format <format>', 'form of the explanation').choices(['text', 'json']).default('text'))
    .action((query, options) => runExplain(context(), query, options));
  program
    .command('datasets')
    .description('list the datasets and catalogs with their state')
    .option('--wait', 'wait until every accelerated dataset has been loaded')
    .option('--all-tables', 'show all tables of the catalogs, not the first 20 of each')
    .option('--metrics', 'show the figures that connectors keep of themselves instead')
    .addOption(formatOption())
    .action((options) => runDatasets(context(), options));
  program
    .command('plugins')
    .description('list the installed connectors and accelerators, and what is wrong with those that cannot be used')
    .addOption(formatOption('table'))
    .action((options) => runPlugins(context(), options))
    .command('sync')
    .description('write millrace.plugins.generated.ts, from which a bundler sees the plugins')
    .option('--check', 'write nothing; fail when the file is not up to date')
    .action((options) => runPluginsSync(context(), options));
  program
    .command('validate')
    .description('check the configuration without connecting to anything')
    .action(() => runValidate(context()));
  program
    .command('schema')
    .description('print the JSON Schema of millrace.yaml, with the parameters of the installed plugins')
    .action(() => runSchema(context()));
  program
    .command('refresh')
    .description('refresh the local copy of a dataset')
    .argument('<dataset>', 'name of an accelerated dataset')
    .addOption(formatOption())
    .action((dataset, options) => runRefresh(context(), dataset, options));
  return program;
}
