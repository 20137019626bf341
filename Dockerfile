# One file for every image: docker build --build-arg SERVICE=Gateway .
# SERVICE is the name of a folder below services/ or agents/.

# Only what a restore reads, so that its layer stays valid while code changes.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS projects
WORKDIR /src
COPY . .
RUN find . -type f ! -name '*.csproj' ! -name '*.props' ! -name '*.targets' ! -name global.json ! -name 'NuGet.[Cc]onfig' -delete

# All services are built in one stage that does not depend on SERVICE: what they share is compiled once, not once per image.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /src
COPY --from=projects /src .
RUN for project in services/*/*.csproj agents/*/*.csproj; do dotnet restore "$project" || exit 1; done
COPY . .
# The launcher of each service is renamed to "service": an image then starts it by one fixed name and without a shell.
RUN mkdir -p /out/output samples && chmod 1777 /out/output \
    && for project in services/*/*.csproj agents/*/*.csproj; do \
         name=$(basename "$project" .csproj); \
         dotnet publish "$project" -c Release --no-restore -v q -o "/out/$name" || exit 1; \
         mv "/out/$name/A2A.Micro.$name" "/out/$name/service" || exit 1; \
         case $project in agents/*) cp -R samples "/out/$name/samples" ;; esac; \
       done

FROM mcr.microsoft.com/dotnet/aspnet:10.0
ARG SERVICE
WORKDIR /app
COPY --from=build /out/$SERVICE .
# Where agents write files; a volume mounted here starts with this owner.
COPY --from=build --chown=1654:1654 /out/output /output
ENV ASPNETCORE_HTTP_PORTS=8080 DOTNET_EnableDiagnostics=0
USER $APP_UID
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --retries=6 CMD ["/app/service", "--healthcheck"]
ENTRYPOINT ["/app/service"]
