using System.Text.Json;
using System.Text.RegularExpressions;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Gateway.Tests;

[Trait("Requirement", "50")]
[Trait("Requirement", "51")]
[Trait("Requirement", "52")]
[Trait("Requirement", "54")]
[Trait("Requirement", "4")]
public sealed partial class CatalogueTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.Start();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task The_page_about_errors_is_the_catalogue()
    {
        using var reply = await _host.Get("/errors");
        Assert.Equal("text/markdown", reply.Content.Headers.ContentType?.MediaType);
        var rows = Row().Matches(await reply.Content.ReadAsStringAsync())
            .Select(row => (row.Groups[1].Value, row.Groups[2].Value, row.Groups[3].Value, row.Groups[4].Value, row.Groups[5].Value));
        Assert.Equal(
            ErrorKind.All.Select(kind => (kind.Code, kind.Title, kind.Severity.Word(), kind.Recovery.Word(), $"{kind.HttpStatus}")), rows);
    }

    [Fact]
    public async Task The_catalogue_is_served()
    {
        using var reply = await _host.Get("/v1/errors");
        var codes = (await reply.Json()).GetProperty("errors").EnumerateArray().Select(kind => kind.GetProperty("code").GetString());
        Assert.Equal(ErrorKind.All.Select(kind => kind.Code), codes);
    }

    [Fact]
    public async Task The_version_of_the_protocol_is_served()
    {
        using var reply = await _host.Get("/v1/protocol");
        Assert.Equal("""{"version":"1.0.0"}""", await reply.Content.ReadAsStringAsync());
        Assert.Equal("1.0.0", reply.Headers.GetValues("A2A-Protocol-Version").Single());
    }

    [Fact]
    public async Task The_front_page_is_an_index_for_programs_and_the_docs_for_people()
    {
        using var program = await _host.Get("/");
        Assert.Equal("/v1/tasks", (await program.Json()).GetProperty("links").GetProperty("tasks").GetString());
        using var person = await _host.Get("/", ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"));
        Assert.Equal("/docs/index.html", person.RequestMessage?.RequestUri?.AbsolutePath);
        var page = await person.Content.ReadAsStringAsync();
        Assert.Contains("swagger-ui", page, StringComparison.Ordinal);
        Assert.Contains("href='/docs/a2a.css'", page.Replace('"', '\''), StringComparison.Ordinal);
        using var style = await _host.Get("/docs/a2a.css");
        Assert.Equal("text/css", style.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task The_document_describes_every_route()
    {
        using var reply = await _host.Get("/openapi/v1.json");
        var document = await reply.Json();
        Assert.StartsWith("3.1", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        Assert.Equal("1.0.0", document.GetProperty("info").GetProperty("version").GetString());
        var routes = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(method => method.Name.ToUpperInvariant() + " " + path.Name));
        Assert.Equal(
        [
            "DELETE /v1/keys/{keyId}", "DELETE /v1/tasks/{taskId}/state/{name}",
            "DELETE /v1/webhooks/{webhookId}", "GET /v1/agents", "GET /v1/agents/{agentId}", "GET /v1/audit", "GET /v1/commands/{commandId}",
            "GET /v1/dead-letters",
            "GET /v1/dead-letters/tasks", "GET /v1/dead-letters/{letterId}", "GET /v1/errors", "GET /v1/events", "GET /v1/keys", "GET /v1/protocol",
            "GET /v1/queue",
            "GET /v1/requesters/{requesterId}/quota",
            "GET /v1/resources", "GET /v1/resources/denials", "GET /v1/schemas", "GET /v1/schemas/{messageType}", "GET /v1/schemas/{messageType}/{version}",
            "GET /v1/stats",
            "GET /v1/stats/task-types/{taskType}", "GET /v1/task-types", "GET /v1/task-types/{taskType}", "GET /v1/tasks", "GET /v1/tasks/{taskId}",
            "GET /v1/tasks/{taskId}/commands", "GET /v1/tasks/{taskId}/events", "GET /v1/tasks/{taskId}/explain", "GET /v1/tasks/{taskId}/history",
            "GET /v1/tasks/{taskId}/partials",
            "GET /v1/tasks/{taskId}/result",
            "GET /v1/tasks/{taskId}/state", "GET /v1/tasks/{taskId}/state/{name}", "GET /v1/tasks/{taskId}/tree",
            "GET /v1/webhooks", "GET /v1/webhooks/{webhookId}", "GET /v1/webhooks/{webhookId}/deliveries",
            "GET /v1/webhooks/{webhookId}/deliveries/{deliveryId}",
            "GET /v1/workflows", "GET /v1/workflows/{workflowId}", "PATCH /v1/tasks/{taskId}", "PATCH /v1/webhooks/{webhookId}",
            "POST /v1/agents/{agentId}/cordon", "POST /v1/agents/{agentId}/drain", "POST /v1/agents/{agentId}/uncordon",
            "POST /v1/dead-letters/{letterId}/discard", "POST /v1/dead-letters/{letterId}/replay", "POST /v1/dead-letters:discard",
            "POST /v1/dead-letters:replay", "POST /v1/keys", "POST /v1/messages", "POST /v1/tasks",
            "POST /v1/tasks/{taskId}/cancel", "POST /v1/tasks/{taskId}/hold", "POST /v1/tasks/{taskId}/input", "POST /v1/tasks/{taskId}/pause",
            "POST /v1/tasks/{taskId}/release", "POST /v1/tasks/{taskId}/requeue", "POST /v1/tasks/{taskId}/resume", "POST /v1/tasks/{taskId}/retry",
            "POST /v1/tasks:batch", "POST /v1/tasks:cancel", "POST /v1/tasks:hold", "POST /v1/tasks:pause", "POST /v1/tasks:release",
            "POST /v1/tasks:requeue", "POST /v1/tasks:resume", "POST /v1/tasks:retry",
            "POST /v1/webhooks", "POST /v1/webhooks/{webhookId}/deliveries/{deliveryId}/replay", "POST /v1/webhooks/{webhookId}/replay",
            "POST /v1/webhooks/{webhookId}/rotate-secret", "POST /v1/webhooks/{webhookId}/test", "POST /v1/workflows",
            "POST /v1/workflows/{workflowId}/cancel", "POST /v1/workflows/{workflowId}/resume",
            "PUT /v1/tasks/{taskId}/state/{name}",
        ], routes.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_document_has_schemas_for_requests_replies_and_problems()
    {
        using var reply = await _host.Get("/openapi/v1.json");
        var text = await reply.Content.ReadAsStringAsync();
        var document = JsonElement.Parse(text);
        var submit = document.GetProperty("paths").GetProperty("/v1/tasks").GetProperty("post");
        Assert.True(submit.GetProperty("requestBody").GetProperty("content").TryGetProperty("application/json", out _));
        foreach (var status in new[] { "200", "202", "400", "409", "413", "415", "422", "429", "500", "503" })
        {
            Assert.True(submit.GetProperty("responses").TryGetProperty(status, out var answer), status);
            Assert.True(answer.TryGetProperty("content", out _), status);
        }

        var schemas = document.GetProperty("components").GetProperty("schemas");
        Assert.Contains("required", schemas.GetProperty("TaskReceipt").ToString(), StringComparison.Ordinal);
        Assert.Equal("integer", schemas.GetProperty("ProblemView").GetProperty("properties").GetProperty("status").GetProperty("type").GetString());
        Assert.Equal("string", schemas.GetProperty("TaskView").GetProperty("properties").GetProperty("created_at").GetProperty("type").GetString());
        var priority = schemas.GetProperty("SubmitTaskRequest").GetProperty("properties").GetProperty("priority");
        Assert.Equal(["integer", "string"], priority.GetProperty("oneOf").EnumerateArray().Select(form => form.GetProperty("type").GetString()));
        Assert.Contains("input_required", schemas.GetProperty("TaskState").ToString(), StringComparison.Ordinal);
        // Numbers that may also be strings are what the default settings of the framework would say.
        Assert.DoesNotMatch("\"type\":\\s*\\[[^]]*\"(integer|number)\"[^]]*\"string\"|\"type\":\\s*\\[[^]]*\"string\"[^]]*\"(integer|number)\"", text);
    }

    [GeneratedRegex("""^\| <a id="\w+"></a>`(\w+)` \| (.+?) \| (\w+) \| (\w+) \| (\d+) \|$""", RegexOptions.Multiline)]
    private static partial Regex Row();
}
