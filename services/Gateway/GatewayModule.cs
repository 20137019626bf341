using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Access;
using A2A.Micro.Gateway.Agents;
using A2A.Micro.Gateway.Batches;
using A2A.Micro.Gateway.Catalogue;
using A2A.Micro.Gateway.Control;
using A2A.Micro.Gateway.DeadLetters;
using A2A.Micro.Gateway.Envelopes;
using A2A.Micro.Gateway.Estimates;
using A2A.Micro.Gateway.Events;
using A2A.Micro.Gateway.Limits;
using A2A.Micro.Gateway.Payloads;
using A2A.Micro.Gateway.Resources;
using A2A.Micro.Gateway.Shared;
using A2A.Micro.Gateway.Tasks;
using A2A.Micro.Gateway.TaskTypes;
using A2A.Micro.Gateway.Webhooks;
using A2A.Micro.Gateway.Workflows;
using A2A.Micro.Persistence;
using A2A.Micro.Security;
using A2A.Micro.ServiceDefaults;
using A2A.Micro.ServiceDefaults.Services;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway;

/// <summary>The outside face of the system. In a process with StateSync, list StateSync before it: reads then need no HTTP.</summary>
public sealed class GatewayModule : IModule
{
    private const string StateSync = "state-sync";

    /// <inheritdoc />
    public string Name => "gateway";

    /// <inheritdoc />
    public IEnumerable<string> HearsAgentsAt => [Endpoints.Payloads];

    /// <inheritdoc />
    public void AddServices(IServiceCollection services, HostSetup setup)
    {
        _ = services.AddOptions<GatewayOptions>().BindConfiguration(GatewayOptions.Section)
            .ValidateDataAnnotations()
            .Validate(
                options => options.TypeDefaults.All(said => !said.Check().Any()),
                "A2A__Gateway__TypeDefaults: every entry needs a Type such as data.* and values in their ranges, see docs/task-types.md.")
            .ValidateOnStart();
        _ = services.AddOptions<StateSyncOptions>().BindConfiguration(StateSyncOptions.Section)
            .ValidateDataAnnotations().ValidateOnStart();
        services.AddAccess(setup);
        _ = services.AddModuleDb<GatewayDb>(setup.Stores, setup.Configuration).AddOutbox<GatewayDb>(setup.Stores);
        _ = setup.Stores == StoreKind.InMemory
            ? services.AddSingleton<ISubmissionStore, InMemorySubmissionStore>().AddSingleton<IPayloadStore, InMemoryPayloadStore>()
            : services.AddSingleton<ISubmissionStore, PostgresSubmissionStore>().AddSingleton<IPayloadStore, PostgresPayloadStore>();
        _ = services.AddSingleton<Sealing>()
            .AddSingleton<Revealing>()
            .AddSingleton<Submissions>()
            .AddSingleton<Payloads.Payloads>()
            .AddHostedService<PayloadDuty>()
            .AddSingleton<Watchers>()
            .AddSingleton<Endings>()
            .AddSingleton<GroupedReads>()
            .AddSingleton<GatewayMetrics>()
            .AddSingleton<CallerLimits>()
            .AddSingleton<OpenTasks>()
            .AddHostedService<OpenTasksDuty>()
            .AddTransient<StateReader>()
            .AddTransient<TenantStates>()
            .AddSingleton<TypeDirectory>()
            .AddHostedService(provider => provider.GetRequiredService<TypeDirectory>())
            .AddSingleton<TypeEstimates>()
            .AddSingleton<ResourceQuestions>()
            .AddSingleton<SharedStates>()
            .AddSingleton<Explanations>()
            .AddSingleton<Parents>()
            .AddSingleton<SubmissionIntake>()
            .AddSingleton<Refusals>()
            .AddHostedService(provider => provider.GetRequiredService<Refusals>())
            .AddTransient<DryRun>()
            .AddTransient<RequesterTimeout>()
            .AddTransient<TaskStreams>()
            .AddTransient<FeedStreams>()
            .AddSingleton<TaskFeed>()
            .AddHostedService(provider => provider.GetRequiredService<TaskFeed>())
            .AddHostedService<KeyPurge>()
            .AddTransient<Commands>()
            .AddTransient<ControlEndpoints.Giver>()
            .AddTransient<WorkflowDesk>()
            .AddTransient<InnerCall>()
            .AddTransient<ReportSender>()
            .AddTransient<StatusReports>()
            .AddTransient<ResultReports>()
            .AddTransient<EnvelopeDesk>()
            .AddHostedService<CommandDuty>();
        _ = setup.Stores == StoreKind.InMemory
            ? services.AddSingleton<ICommandStore, InMemoryCommandStore>()
            : services.AddSingleton<ICommandStore, PostgresCommandStore>();
        services.AddDeadLetters(setup);
        services.AddWebhooks(setup);
        AddStateQueries(services);
        services.AddCompression();
        services.AddApiDocument();
    }

    /// <inheritdoc />
    public void AddConsumers(IBusRegistrationConfigurator bus, HostSetup setup)
    {
        // Every gateway hears of every change: a queue of its own, gone when the process is.
        var instance = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        bus.AddConsumer<StateChangedConsumer>().Endpoint(endpoint =>
        {
            endpoint.Name = $"gateway.state-changed.{instance:n}";
            endpoint.Temporary = true;
        });
        _ = bus.AddConsumer<CommandAnswerConsumer, CommandAnswerConsumerDefinition>();
        _ = bus.AddConsumer<RequestConsumer, RequestConsumerDefinition>();
        _ = bus.AddConsumer<PayloadConsumer, PayloadConsumerDefinition>();
        _ = bus.AddConsumer<DecisionConsumer, DecisionConsumerDefinition>();
        _ = bus.AddConsumer<EventFeedConsumer, EventFeedConsumerDefinition>();
        bus.AddConsumer<TypesChangedConsumer>().Endpoint(endpoint =>
        {
            endpoint.Name = $"gateway.task-types.{instance:n}";
            endpoint.Temporary = true;
        });
        bus.AddRequestClient<UpdateState>(Endpoints.Address(Endpoints.SharedState));
        bus.AddRequestClient<ReadState>(Endpoints.Address(Endpoints.SharedState));
        bus.AddRequestClient<ListTaskTypes>(Endpoints.Address(Endpoints.Agents));
        bus.AddRequestClient<SteerAgent>(Endpoints.Address(Endpoints.Agents));
        bus.AddRequestClient<ListAgents>(Endpoints.Address(Endpoints.Agents));
        bus.AddRequestClient<ExplainWait>(Endpoints.Address(Endpoints.Resources));
        bus.AddRequestClient<PlanRoom>(Endpoints.Address(Endpoints.Resources));
        bus.AddRequestClient<ListResources>(Endpoints.Address(Endpoints.Resources));
        bus.AddRequestClient<ListDenials>(Endpoints.Address(Endpoints.Resources));
        bus.AddRequestClient<ReadLine>(Endpoints.Address(Endpoints.Resources));
        bus.AddRequestClient<ReadQuota>(Endpoints.Address(Endpoints.Resources));
    }

    /// <inheritdoc />
    public void AddEndpoints(IBusFactoryConfigurator bus, IBusRegistrationContext context) => bus.CollectDeadLetters(context);

    /// <inheritdoc />
    public void MapEndpoints(IEndpointRouteBuilder routes)
    {
        // The edge surrounds the endpoints of the whole process, so that no error leaves it in another form.
        if (routes is IApplicationBuilder app)
        {
            app.UseCompression();
            _ = app.UseMiddleware<ApiEdge>();
            _ = app.UseMiddleware<CallerGate>();
            _ = app.UseMiddleware<AccessGate>();
            _ = app.UseMiddleware<ContentDecoding>();
            _ = app.UseSwaggerUI(page =>
            {
                page.RoutePrefix = "docs";
                page.DocumentTitle = "A2A.Micro";
                page.InjectStylesheet(CatalogueEndpoints.DocsStyle);
                page.SwaggerEndpoint("../openapi/v1.json", "A2A.Micro v1");
            });
        }

        var v1 = routes.MapGroup("/v1");
        v1.MapTasks();
        v1.MapBatches();
        v1.MapWorkflows();
        v1.MapMessages();
        v1.MapEvents();
        v1.MapControl();
        v1.MapAgents();
        v1.MapResources();
        v1.MapTaskTypes();
        v1.MapDeadLetters();
        v1.MapWebhooks();
        v1.MapStatistics();
        v1.MapSharedState();
        v1.MapSchemas();
        v1.MapCatalogue();
        v1.MapKeys();
        v1.MapAudit();
        routes.MapPages();
        _ = routes.MapOpenApi();
    }

    private static void AddStateQueries(IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(IStateQueries))) { return; }
        _ = services.AddHttpClient(nameof(HttpStateQueries)).ShowsPass(StateSync).ConfigureHttpClient((provider, http) =>
        {
            var url = provider.GetRequiredService<IOptions<StateSyncOptions>>().Value.Url;
            http.BaseAddress = new Uri(url.EndsWith('/') ? url : url + "/");
            http.Timeout = provider.GetRequiredService<IOptions<GatewayOptions>>().Value.ReadTimeout;
        });
        services.TryAddSingleton(provider => new HttpTypeStatistics(
            () => provider.GetRequiredService<IHttpClientFactory>().CreateClient(nameof(HttpStateQueries))));
        services.TryAddSingleton<ITypeStatistics>(provider => provider.GetRequiredService<HttpTypeStatistics>());
        services.TryAddSingleton<ISystemStatistics>(provider => provider.GetRequiredService<HttpTypeStatistics>());
        // One small object per use: the factory renews the connections behind it.
        services.TryAddTransient<IStateQueries>(provider =>
            new HttpStateQueries(provider.GetRequiredService<IHttpClientFactory>().CreateClient(nameof(HttpStateQueries))));
    }
}
