// @ts-nocheck AssemblyScript, not TypeScript.
