import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vite';

const here = import.meta.dirname;

// Every page stands for itself.
export default defineConfig({
  base: './',
  logLevel: 'warn',
  build: {
    emptyOutDir: true,
    rollupOptions: { input: readdirSync(here).filter(file => file.endsWith('.html')).map(file => join(here, file)) },
  },
});
