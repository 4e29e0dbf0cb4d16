import { measure } from './measure.ts';
import { formatReport } from './report.ts';

const [file, name, rows] = process.argv.slice(2);
const module = await import(file!);
const benchmark = module[name!];
console.log(
  formatReport(
    await measure({
      benchmark,
      context: { dataDirectory: '/tmp/benchdata', rowCount: Number(rows ?? benchmark.statedRowCount) },
    }),
  ),
);
