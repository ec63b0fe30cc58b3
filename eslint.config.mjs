import tseslint from 'typescript-eslint';
import { forbiddenRooms, rooms } from './tools/house.mjs';

const toPattern = (names) => names.flatMap((name) => [`@truc/${name}`, `@truc/${name}/*`]);
const noEnvironment = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'Configuration is declared once and parsed at start: take what you need as an argument.',
};

const boundaries = rooms.map(({ name, layer, root }) => ({
  files: [`${root}/src/**/*.ts`],
  ignores: ['**/*.test.ts'],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            group: toPattern(forbiddenRooms(layer, name)),
            message: `House: ${name} (${layer}) may not import this room. See tools/house.mjs.`,
          },
          { group: ['**/libs/**', '**/apps/**'], message: 'House: import a room by its name, @truc/<room>.' },
          ...(layer === 'app'
            ? []
            : [
                {
                  group: ['@nestjs/core', '@nestjs/common', '@nestjs/microservices', '@nestjs/platform-*', '@nestjs/typeorm'],
                  message: 'House: Nest is imported in apps only.',
                },
              ]),
          {
            regex: '^\\.{1,2}/(.*/)?(utils?|helpers?|common|managers?)(\\.js)?$',
            message: 'House: a file is named for the noun inside it.',
          },
        ],
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['**/node_modules/**', '**/dist/**', '.nx/**', '.truc/**', 'coverage/**'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'off',
      'no-restricted-syntax': ['error', noEnvironment],
      'no-restricted-properties': ['error', { object: 'it', property: 'only' }, { object: 'describe', property: 'only' }],
      eqeqeq: 'error',
    },
  },
  {
    files: ['apps/*/src/main.ts', 'libs/{testing,local-stack}/src/**/*.ts', '**/*.test.ts', 'e2e/**/*.ts', 'bench/**/*.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  ...boundaries,
);
