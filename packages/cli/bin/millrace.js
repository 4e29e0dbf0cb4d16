#!/usr/bin/env node
// Stands apart from the build, so that package managers can link the command before there is one.
import '../dist/main.js';
