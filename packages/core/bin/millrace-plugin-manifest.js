#!/usr/bin/env node
import { main } from '../dist/plugin-manifest/main.js';

process.exitCode = await main(process.argv.slice(2));
