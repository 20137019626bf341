using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using A2A.Micro.AgentSdk;
using A2A.Micro.Persistence;
using A2A.Micro.Security.Identity;
using A2A.Micro.ServiceDefaults;
using A2A.Micro.Standalone;
using Microsoft.AspNetCore.Builder;

namespace A2A.Micro.Security.Tests;

/// <summary>The whole system in this process, with its door shut: whoever asks needs a credential.</summary>
public sealed class SecureHost : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("a2a-security-");
    private readonly ECDsa _signer = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ConcurrentDictionary<string, HeldTask> _held = new(StringComparer.Ordinal);
    private WebApplication? _app;

    public ApiKeyText AdminKey { get; } = ApiKeyText.New("prod");

    public HttpClient Http { get; private set; } = null!;

    public IServiceProvider Services => _app!.Services;

    /// <summary>Settings of the host besides those that shut its door; a class that derives may add some.</summary>
    private static string[] More => [];

    public Task InitializeAsync() => Start(More);

    public async Task Start(params string[] more)
    {
        var keyFile = Write("admin_key", AdminKey.Show());
        _app = MicroHost.Build(
            [
                "--urls", "http://127.0.0.1:0", "--environment=Test", "--Security:Mode=required", "--Security:AdminKeyFile=" + keyFile,
                "--Security:KeyRequestsPerSecondMax=0", "--Security:FailuresPerSecondMax=10000", "--Logging:LogLevel:Default=Error",
                "--Security:Issuers:0:Issuer=https://issuer.test", "--Security:Issuers:0:JwksFile=" + Write("jwks.json", Jwks()), .. more,
            ],
            TransportKind.InMemory, StoreKind.InMemory,
            [.. EmbeddedSystem.Services(), new AgentModule("worker", agent => agent.Slots(4).Capacity(4, 4)
                .Handle<Work, Done>("test.work", (work, _) => Task.FromResult(new Done { Echo = work.Say }))
                .Handle<Work, Done>("test.held", async (work, task) => await Hold(work.Say!).Run(task))
                .Handle<Work, Done>("test.parent", async (work, task) =>
                    await (await task.Children.Submit("part", "test.work", work)).Result<Done>()))]);
        await _app.StartAsync();
        Http = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
    }

    public async Task DisposeAsync()
    {
        Http?.Dispose();
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        _signer.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>A task of the type <c>test.held</c> that says this: its handler waits for the test.</summary>
    public HeldTask Hold(string name) => _held.GetOrAdd(name, static _ => new HeldTask());

    /// <summary>Makes a key by the administrator.</summary>
    public async Task<string> NewKey(string subject, string role = "submitter", string tenant = "default")
    {
        using var reply = await Send(HttpMethod.Post, "/v1/keys", AdminKey.Show(), new { subject, role, tenant });
        Assert.Equal(201, (int)reply.StatusCode);
        return (await Json(reply)).GetProperty("key").GetString()!;
    }

    public Task<HttpResponseMessage> Send(HttpMethod method, string path, string? credential, object? body = null, string? grant = null)
    {
        var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (grant is not null) { request.Headers.TryAddWithoutValidation("A2A-Task-Grant", grant); }
        if (credential is not null) { request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + credential); }
        if (body is not null)
        {
            request.Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        }

        return Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public static async Task<JsonElement> Json(HttpResponseMessage reply) => JsonElement.Parse(await reply.Content.ReadAsStringAsync());

    /// <summary>A token of the issuer that the host knows.</summary>
    public string Token(object? claims = null, object? header = null) => Tokens.Sign(
        Tokens.Encode(header ?? new { alg = "ES256", kid = "k1", typ = "JWT" }), Tokens.Encode(claims ?? Tokens.Claims()), _signer);

    public byte[] Sign(string input, DSASignatureFormat format) => _signer.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256, format);

    public string PublicKeyPem() => _signer.ExportSubjectPublicKeyInfoPem();

    private string Jwks()
    {
        var q = _signer.ExportParameters(false).Q;
        var key = new { kty = "EC", crv = "P-256", kid = "k1", use = "sig", x = Tokens.Encode(q.X!), y = Tokens.Encode(q.Y!) };
        return JsonSerializer.Serialize(new { keys = new object[] { key, new { kty = "oct", kid = "oct", k = "c2VjcmV0" } } });
    }

    private string Write(string name, string text)
    {
        var file = Path.Combine(_folder.FullName, name);
        File.WriteAllText(file, text);
        return file;
    }

    /// <summary>What a test knows of a task while its handler waits.</summary>
    public sealed class HeldTask
    {
        private readonly Channel<(TaskContext Task, TaskCompletionSource<Done> End)> _attempts =
            Channel.CreateUnbounded<(TaskContext, TaskCompletionSource<Done>)>();

        /// <summary>The next attempt, once its handler runs; it goes on when the test sets its end.</summary>
        public async Task<(TaskContext Task, TaskCompletionSource<Done> End)> Attempt() =>
            await _attempts.Reader.ReadAsync().AsTask().WaitAsync(Eventually.Patience);

        internal Task<Done> Run(TaskContext task)
        {
            var end = new TaskCompletionSource<Done>(TaskCreationOptions.RunContinuationsAsynchronously);
            Assert.True(_attempts.Writer.TryWrite((task, end)));
            return end.Task.WaitAsync(task.CancellationToken);
        }
    }

    public sealed record Work
    {
        public string? Say { get; init; }
    }

    public sealed record Done
    {
        public string? Echo { get; init; }
    }
}
