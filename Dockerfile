# Builds the package from the checkout and installs it in a slim image: docker build --tag docket .
# Not slim: the Node that the checkout pins needs libatomic.
FROM docker.io/library/node:24-bookworm AS package
WORKDIR /source
COPY . .
# "npm ci" builds, too.
RUN npm ci && mkdir /package && npm pack --ignore-scripts --pack-destination /package

FROM docker.io/library/node:24-bookworm-slim
RUN --mount=type=bind,from=package,source=/package,target=/package \
    npm install --global --no-audit --no-fund /package/docket-*.tgz && npm cache clean --force
RUN groupadd --gid 10001 docket \
    && useradd --uid 10001 --gid docket --home-dir /var/lib/docket --no-create-home --shell /usr/sbin/nologin docket \
    && install --directory --owner docket --group docket --mode 700 /var/lib/docket
# Docket listens on all addresses only with an identity provider, and exits with code 2 without one.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
USER 10001:10001
WORKDIR /var/lib/docket
VOLUME /var/lib/docket
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["docket"]
CMD ["serve"]
