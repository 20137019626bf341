using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence;
using A2A.Micro.Persistence.Migrations;
using A2A.Micro.Security.Encryption;
using A2A.Micro.ServiceDefaults.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace A2A.Micro.ServiceDefaults;

/// <summary>Turns modules into a process: the whole of a service's <c>Program.cs</c> is one call.</summary>
public static class MicroHost
{
    /// <summary>Exit code of a process that refuses its configuration (EX_CONFIG of sysexits.h).</summary>
    public const int ConfigurationError = 78;

    private const string MigrateOnly = "--migrate";

    /// <summary>A microservice: messages over RabbitMQ, facts in PostgreSQL. Ends with the process.</summary>
    public static Task Run(string[] args, params IModule[] modules) =>
        Run(args, TransportKind.RabbitMq, StoreKind.Postgres, modules);

    /// <summary>The embedded build: messages and facts inside the process; nothing is kept.</summary>
    public static Task RunInMemory(string[] args, params IModule[] modules) =>
        Run(args, TransportKind.InMemory, StoreKind.InMemory, modules);

    /// <summary>
    /// The host of these modules, not started. <c>A2A__Transport</c> (inmemory, rabbitmq) and <c>A2A__Stores</c> (inmemory, postgres)
    /// win over the two arguments.
    /// </summary>
    /// <exception cref="StartupRefusedException">The configuration is wrong.</exception>
    public static WebApplication Build(string[] args, TransportKind transport, StoreKind stores, IModule[] modules)
    {
        // Without this the request span has no attributes at all.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);
        NoBaggage.Install();
        var builder = NewBuilder(args);
        var host = StartChecks.Bind<MicroHostOptions>(builder.Configuration, MicroHostOptions.Section);
        var messaging = StartChecks.Bind<MessagingOptions>(builder.Configuration, MessagingOptions.Section);
        var setup = new HostSetup(
            StartChecks.Choose("A2A__Transport", host.Transport, transport,
                ("inmemory", TransportKind.InMemory), ("rabbitmq", TransportKind.RabbitMq)),
            StartChecks.Choose("A2A__Stores", host.Stores, stores,
                ("inmemory", StoreKind.InMemory), ("postgres", StoreKind.Postgres)),
            builder.Configuration);
        StartChecks.Run(setup, host, messaging, builder.Environment, modules.Any(module => module.KeepsFacts));
        UnsafeSettings.Refuse(setup, host, messaging, builder.Environment.IsProduction(), modules);
        Listening.Apply(builder, setup, host);
        AddDefaults(builder, host, setup);
        builder.Services.AddInternalAccess(setup, modules);
        AddObservation(builder.Services, modules);
        foreach (var module in modules) { module.AddServices(builder.Services, setup); }
        _ = builder.Services.AddMessaging(setup, messaging, modules);
        if (builder.Environment.IsProduction() && !host.AllowInsecure && setup.Stores == StoreKind.Postgres && modules.Any(module => module.KeepsFacts)
            && DatabaseCheck.IsFor(setup.Configuration.GetConnectionString("Postgres")))
        {
            _ = builder.Services.AddHostedService<DatabaseCheck>();
        }

        var app = builder.Build();
        _ = app.Services.GetRequiredService<Prometheus>(); // counts from here on, not from the first scrape
        _ = app.UseMiddleware<HttpSpanNames>();
        app.UseInternalDoor();
        app.MapHealth();
        app.MapPrometheus();
        foreach (var module in modules) { module.MapEndpoints(app); }
        return app;
    }

    private static async Task Run(string[] args, TransportKind transport, StoreKind stores, IModule[] modules)
    {
        try
        {
            if (args.Contains("--healthcheck"))
            {
                Environment.ExitCode = await HealthProbe.Ask(NewBuilder(args).Configuration).ConfigureAwait(false);
                return;
            }

            if (args.Contains(MigrateOnly))
            {
                await Migrate([.. args.Where(arg => arg != MigrateOnly)], modules).ConfigureAwait(false);
                return;
            }

            var app = Build(args, transport, stores, modules);
            await using (app.ConfigureAwait(false))
            {
                app.Services.GetService<IStartupValidator>()?.Validate();
                SayWhatIsNotKept(app);
                await Serve(app).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (Refusal(e) is { } sentence)
        {
            await Console.Error.WriteLineAsync(sentence).ConfigureAwait(false);
            Environment.ExitCode = ConfigurationError;
        }
    }

    // As the owner of the database, before services run in roles that may change nothing. Nothing else of the host starts.
    private static async Task Migrate(string[] args, IModule[] modules)
    {
        var app = Build(args, TransportKind.InMemory, StoreKind.Postgres, modules);
        await using (app.ConfigureAwait(false))
        {
            foreach (var migrator in app.Services.GetServices<IMigrator>())
            {
                await migrator.Migrate(CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private static async Task Serve(WebApplication app)
    {
        var stopping = app.Lifetime.ApplicationStopping;
        try
        {
            await app.RunAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Told to stop before it had started: nothing went wrong.
        }
    }

    private static WebApplicationBuilder NewBuilder(string[] args)
    {
        var web = Path.Combine(AppContext.BaseDirectory, "wwwroot");
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            // Watching files for changes costs an inotify instance per host and is of no use in a container.
            Args = ["--hostBuilder:reloadConfigOnChange=false", .. args.Where(arg => arg != "--healthcheck")],
            ContentRootPath = Directory.Exists(web) ? AppContext.BaseDirectory : null,
        });
        var sources = ((IConfigurationBuilder)builder.Configuration).Sources;
        sources.Insert(0, new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource { InitialData = Quiet });
        var secrets = new ConfigurationBuilder().AddKeyPerFile("/run/secrets", optional: true).Sources[0];
        // Secrets from files lie under the environment, which lies under the command line (conventions C11).
        var environment = sources.ToList().FindLastIndex(
            source => source is Microsoft.Extensions.Configuration.EnvironmentVariables.EnvironmentVariablesConfigurationSource);
        sources.Insert(environment, secrets);
        return builder;
    }

    private static readonly Dictionary<string, string?> Quiet = new()
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
        ["Logging:LogLevel:Microsoft.EntityFrameworkCore"] = "Warning",
        ["Logging:LogLevel:System.Net.Http"] = "Warning",
        // Readiness says it to who asks; a start in which the broker comes last is no error.
        ["Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks"] = "None",
        // Without a name the options below are not read: the console then follows older settings of its own.
        ["Logging:Console:FormatterName"] = "simple",
        ["Logging:Console:FormatterOptions:UseUtcTimestamp"] = "true",
        ["Logging:Console:FormatterOptions:SingleLine"] = "true",
        ["Logging:Console:FormatterOptions:TimestampFormat"] = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ",
    };

    private static void AddDefaults(WebApplicationBuilder builder, MicroHostOptions host, HostSetup setup)
    {
        _ = builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = host.MaxRequestBodyBytes;
            // The edge of the API refuses earlier, and says why; what is beyond these the server cuts off without a body.
            kestrel.Limits.MaxRequestHeadersTotalSize = 64 * 1024;
            kestrel.Limits.MaxRequestHeaderCount = 200;
            kestrel.Limits.MaxRequestLineSize = 32 * 1024;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        });
        _ = builder.Services
            .AddSingleton(TimeProvider.System)
            .AddSingleton(setup)
            .AddSingleton(Options.Create(host))
            .AddSingleton(KeyVault.Of(
                setup.Configuration[$"{KeyOptions.Section}:{nameof(KeyOptions.MasterKeyFile)}"],
                setup is { Transport: TransportKind.InMemory, Stores: StoreKind.InMemory }, TimeProvider.System))
            .Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(30 + host.DrainSeconds))
            .ConfigureHttpJsonOptions(options => WireJson.Apply(options.SerializerOptions));
    }

    /// <summary>Before the modules and the bus: what observes starts first and stops last.</summary>
    private static void AddObservation(IServiceCollection services, IModule[] modules) => _ = services
        .AddSingleton(TelemetryName.Of(modules))
        .AddSingleton<Prometheus>()
        .AddHostedService<Telemetry>()
        .AddSingleton<Draining>()
        .AddHostedService(provider => provider.GetRequiredService<Draining>());

    private static void SayWhatIsNotKept(WebApplication app)
    {
        var setup = app.Services.GetRequiredService<HostSetup>();
        if (setup is { Transport: not TransportKind.InMemory, Stores: not StoreKind.InMemory }) { return; }
        var lost = setup.Stores == StoreKind.InMemory ? "tasks, agents and messages live in memory" : "messages live in memory";
        Console.WriteLine($"NOTHING IS KEPT: {lost} and are gone when this process ends.");
        MicroHostLog.NothingIsKept(app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(MicroHost)), lost);
    }

    private static string? Refusal(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case StartupRefusedException or PendingMigrationsException: return e.Message;
                case OptionsValidationException wrong: return string.Join(" ", wrong.Failures);
                case AddressInUseException: return $"The address is in use: {exception.Message} Set ASPNETCORE_HTTP_PORTS to a free port.";
                default: break;
            }
        }

        return null;
    }
}

internal static partial class MicroHostLog
{
    [LoggerMessage(1000, LogLevel.Warning, "Nothing is kept: {Lost} and are gone when this process ends")]
    public static partial void NothingIsKept(ILogger log, string lost);
}
