#!/usr/bin/env node
void require('../dist/load-cli.cjs').main(process.argv.slice(2));
