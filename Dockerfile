# One image for controller and worker: `gofleet controller …`, `gofleet worker …`.
FROM node:24-bookworm-slim AS build
WORKDIR /gofleet
COPY package.json package-lock.json .npmrc ./
RUN npm install --no-save
COPY tsconfig.json ./
COPY libs libs
COPY apps apps
RUN npm run build && npm prune --omit=dev

FROM node:24-bookworm-slim AS gofleet
ENV NODE_ENV=production
WORKDIR /gofleet
COPY --from=build /gofleet/package.json ./
COPY --from=build /gofleet/node_modules node_modules
COPY --from=build /gofleet/dist dist
RUN ln -s /gofleet/dist/apps/cli/main.js /usr/local/bin/gofleet && chmod +x dist/apps/cli/main.js \
  && install -d -o node -g node /data /cache
USER node
EXPOSE 7070
ENTRYPOINT ["gofleet"]
CMD ["--help"]

# A host to try it on: OpenSSH, sudo, tar, gzip, nothing of gofleet.
FROM debian:bookworm-slim AS host
RUN apt-get update \
  && apt-get install -y --no-install-recommends openssh-server sudo ca-certificates \
  && rm -rf /var/lib/apt/lists/* /etc/ssh/ssh_host_* \
  && useradd --create-home --shell /bin/bash --password '*' deploy \
  && echo 'deploy ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/deploy \
  && mkdir -p /run/sshd
COPY docker/try/host.sh /host.sh
EXPOSE 22
ENTRYPOINT ["sh", "/host.sh"]
