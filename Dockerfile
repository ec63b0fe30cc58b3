# One image for every app of ours; a container chooses which by its command: `apps/platform/dist/main.js`. docker-compose.yml shows how.

FROM node:24.21.0-trixie-slim AS build
WORKDIR /src
COPY . .
# Installs what package-lock.json says, and compiles.
RUN npm run build
# Apps, what they need of production dependencies, schemas: nothing that compiles or tests.
RUN npm run package:image -- /product

FROM node:24.21.0-trixie-slim AS runtime
RUN groupadd --gid 10001 truc && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin truc
# A volume that is mounted there for the first time gets its owner.
RUN install -d -o 10001 -g 10001 -m 0700 /var/lib/truc
COPY --from=build --chown=0:0 /product /truc
WORKDIR /truc
ENV NODE_ENV=production PATH=/truc/bin:/usr/local/bin:/usr/bin:/bin
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=6 CMD ["node", "deploy/health-check.mjs"]
ENTRYPOINT ["node"]
CMD ["apps/truc/dist/main.js", "--help"]
