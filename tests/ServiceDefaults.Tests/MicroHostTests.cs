using System.Net;
using System.Net.Http.Json;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Persistence;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace A2A.Micro.ServiceDefaults.Tests;

[Trait("Requirement", "58")]
public sealed class MicroHostTests
{
    [Fact]
    public async Task A_started_host_is_live_and_ready_and_says_so_in_one_word()
    {
        await using var host = await TestHost.Start(new LambdaModule());
        foreach (var path in (string[])["/health/live", "/health/ready"])
        {
            using var answer = await host.Http.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal("Healthy", await answer.Content.ReadAsStringAsync());
            Assert.True(answer.Headers.CacheControl!.NoStore);
            Assert.False(answer.Headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task A_failing_check_of_a_module_makes_it_unready_but_not_dead()
    {
        var module = new LambdaModule
        {
            Services = services => services.AddHealthChecks()
                .AddCheck("store", () => HealthCheckResult.Unhealthy("secret detail"), [Health.ReadyTag])
                .AddCheck("other", () => HealthCheckResult.Unhealthy()),
        };
        await using var host = await TestHost.Start(module);

        using var ready = await host.Http.GetAsync(new Uri("/health/ready", UriKind.Relative));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal("Unhealthy", await ready.Content.ReadAsStringAsync());
        using var live = await host.Http.GetAsync(new Uri("/health/live", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        Assert.Contains(host.Log.Lines, line => line.Text == "Not ready: store: secret detail");
        Assert.DoesNotContain(host.Log.Lines, line => line.Text.Contains("Not ready: other", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_degraded_check_leaves_it_ready()
    {
        var module = new LambdaModule
        {
            Services = services => services.AddHealthChecks().AddCheck("store", () => HealthCheckResult.Degraded(), [Health.ReadyTag]),
        };
        await using var host = await TestHost.Start(module);

        using var ready = await host.Http.GetAsync(new Uri("/health/ready", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Equal("Degraded", await ready.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_host_that_is_told_to_stop_is_unready_while_it_still_serves()
    {
        await using var host = await TestHost.Start(new LambdaModule(), "--A2A:DrainSeconds=60");
        using var impatience = new CancellationTokenSource();
        var stop = host.App.StopAsync(impatience.Token);

        using var ready = await host.Http.GetAsync(new Uri("/health/ready", UriKind.Relative));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.False(stop.IsCompleted);
        await impatience.CancelAsync();
        _ = await Record.ExceptionAsync(() => stop);
    }

    [Fact]
    public async Task Every_reply_names_its_trace_and_continues_the_callers()
    {
        var module = new LambdaModule { Routes = routes => routes.MapGet("/items/{id}", (string id) => id) };
        await using var host = await TestHost.Start(module);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/items/7");
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

        using var answer = await host.Http.SendAsync(request);
        var trace = answer.Headers.GetValues("traceparent").Single();
        Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", trace, StringComparison.Ordinal);
        Assert.EndsWith("-01", trace, StringComparison.Ordinal);
        using var missing = await host.Http.GetAsync(new Uri("/nothing", UriKind.Relative));
        Assert.True(missing.Headers.Contains("traceparent"));
    }

    [Fact]
    public async Task A_request_span_is_named_after_its_route_and_health_is_not_recorded()
    {
        var stopped = new System.Collections.Concurrent.ConcurrentQueue<System.Diagnostics.Activity>();
        using var listener = new System.Diagnostics.ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
            Sample = (ref System.Diagnostics.ActivityCreationOptions<System.Diagnostics.ActivityContext> _) =>
                System.Diagnostics.ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = stopped.Enqueue,
        };
        System.Diagnostics.ActivitySource.AddActivityListener(listener);
        var module = new LambdaModule { Routes = routes => routes.MapGet("/named-by-route/{id}", (string id) => Results.StatusCode(503)) };
        await using (var host = await TestHost.Start(module))
        {
            using var reply = await host.Http.GetAsync(new Uri("/named-by-route/7", UriKind.Relative));
            using var health = await host.Http.GetAsync(new Uri("/health/live", UriKind.Relative));
        }

        var span = Assert.Single(stopped, one => one.DisplayName == "GET /named-by-route/{id}");
        Assert.Equal("/named-by-route/{id}", span.GetTagItem("http.route"));
        Assert.Equal(503, span.GetTagItem("http.response.status_code"));
        Assert.Equal("503", span.GetTagItem("error.type"));
        Assert.Equal("GET", span.GetTagItem("http.request.method"));
        Assert.Contains(stopped, one => !one.Recorded);
        Assert.DoesNotContain(stopped, one => one.Recorded && one.DisplayName.Contains("health", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Http_speaks_the_wire_json()
    {
        var module = new LambdaModule
        {
            Routes = routes => routes.MapPost("/echo", (Echo echo) => echo with { TaskPriority = echo.TaskPriority }),
        };
        await using var host = await TestHost.Start(module);

        using var good = await host.Http.PostAsync(
            new Uri("/echo", UriKind.Relative), new StringContent("""{"task_priority":3}""", null, "application/json"));
        Assert.Equal("""{"task_priority":3}""", await good.Content.ReadAsStringAsync());
        using var twice = await host.Http.PostAsync(
            new Uri("/echo", UriKind.Relative), new StringContent("""{"task_priority":3,"task_priority":4}""", null, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, twice.StatusCode);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused()
    {
        var module = new LambdaModule { Routes = routes => routes.MapPost("/echo", (Echo echo) => echo) };
        await using var host = await TestHost.Start(module, "--A2A:MaxRequestBodyBytes=2048");

        using var answer = await host.Http.PostAsync(
            new Uri("/echo", UriKind.Relative), new StringContent(new string(' ', 3000), null, "application/json"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task Metrics_are_served_as_text_with_the_running_version()
    {
        await using var host = await TestHost.Start(new LambdaModule());
        using var answer = await host.Http.GetAsync(new Uri("/metrics", UriKind.Relative));

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Contains("a2a_build_info{", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_healthcheck_argument_asks_the_running_host()
    {
        await using var host = await TestHost.Start(new LambdaModule());
        var before = Environment.ExitCode;
        try
        {
            await MicroHost.Run(["--healthcheck", "--urls", host.App.Urls.First()], new LambdaModule());
            Assert.Equal(0, Environment.ExitCode);
            host.App.Services.GetRequiredService<Draining>().Begin();
            await MicroHost.Run(["--healthcheck", "--urls", host.App.Urls.First()], new LambdaModule());
            Assert.Equal(1, Environment.ExitCode);
        }
        finally
        {
            Environment.ExitCode = before;
        }
    }

    [Theory]
    [InlineData("ConnectionStrings__Postgres is not set", "--RabbitMq:Host=localhost")]
    [InlineData("RabbitMq__Host is not set")]
    [InlineData("RabbitMq__Port is 'abc': it must be a whole number", "--RabbitMq:Port=abc")]
    [InlineData("RabbitMq__PrefetchCount is not valid", "--RabbitMq:Host=localhost", "--RabbitMq:PrefetchCount=0")]
    [InlineData("RabbitMq__Password is the broker's default password", "--RabbitMq:Host=broker")]
    [InlineData("A2A__Transport is 'kafka': it must be inmemory or rabbitmq", "--A2A:Transport=kafka")]
    [InlineData("A2A__Stores is 'file': it must be inmemory or postgres", "--A2A:Stores=file")]
    [InlineData("A2A__AllowRemote is 'perhaps': it must be true or false", "--A2A:AllowRemote=perhaps")]
    public void Wrong_configuration_is_refused_in_one_sentence(string beginning, params string[] args)
    {
        var refusal = Assert.Throws<StartupRefusedException>(
            () => MicroHost.Build(["--environment=Production", .. args], TransportKind.RabbitMq, StoreKind.Postgres, [new LambdaModule()]));

        Assert.StartsWith(beginning, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Theory]
    [InlineData("--A2A:AllowInsecure=true")]
    [InlineData("--environment=Development")]
    public async Task The_default_password_is_allowed_where_it_was_asked_for(string arg)
    {
        await using var app = MicroHost.Build(
            ["--environment=Production", "--RabbitMq:Host=broker", "--A2A:Stores=inmemory", arg],
            TransportKind.RabbitMq, StoreKind.Postgres, [new LambdaModule()]);
        Assert.Equal(StoreKind.InMemory, app.Services.GetRequiredService<HostSetup>().Stores);
    }

    [Fact]
    public async Task A_refused_start_prints_the_sentence_alone_and_leaves_with_78()
    {
        var (before, console) = (Environment.ExitCode, Console.Error);
        await using var captured = new StringWriter();
        Console.SetError(captured);
        try
        {
            await MicroHost.Run([], new LambdaModule());
            Assert.Equal(MicroHost.ConfigurationError, Environment.ExitCode);
        }
        finally
        {
            Console.SetError(console);
            Environment.ExitCode = before;
        }

        var line = Assert.Single(captured.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("RabbitMq__Host is not set", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_in_memory_stays_on_the_loopback_address_unless_told_otherwise()
    {
        string[] open = ["--urls", "http://0.0.0.0:0"];
        var refusal = Assert.Throws<StartupRefusedException>(() => Build(open));
        Assert.Contains("A2A__AllowRemote=true", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("http://0.0.0.0:0", Build([.. open, "--A2A:AllowRemote=true"]).Configuration["urls"]);
        Assert.Equal("http://127.0.0.1:8080", Build([]).Configuration["urls"]);
        Assert.Equal("http://127.0.0.1:9000;http://127.0.0.1:9001", Build(["--http_ports=9000;9001"]).Configuration["urls"]);

        static WebApplication Build(string[] args) =>
            MicroHost.Build(args, TransportKind.InMemory, StoreKind.InMemory, [new LambdaModule()]);
    }

    [Fact]
    public async Task Settings_from_the_command_line_win_over_the_environment()
    {
        await using var app = MicroHost.Build(
            ["--A2A:DrainSeconds=3"], TransportKind.InMemory, StoreKind.InMemory, [new LambdaModule()]);
        var options = app.Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<MicroHostOptions>>().Value;
        Assert.Equal(3, options.DrainSeconds);
    }

    [Fact]
    public async Task The_embedded_build_says_that_nothing_is_kept()
    {
        var log = new RecordingLog();
        var module = new LambdaModule { Services = services => services.AddSingleton<Microsoft.Extensions.Logging.ILoggerProvider>(log) };
        module.Services += services => services.AddHostedService<StopAtOnce>();
        await MicroHost.RunInMemory(["--urls", "http://127.0.0.1:0"], module);
        Assert.Contains(log.Lines, line => line.Level == Microsoft.Extensions.Logging.LogLevel.Warning
            && line.Text.StartsWith("Nothing is kept", StringComparison.Ordinal));
    }

    private sealed record Echo(int TaskPriority);

    private sealed class StopAtOnce(Microsoft.Extensions.Hosting.IHostApplicationLifetime life) : Microsoft.Extensions.Hosting.IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            life.StopApplication();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
