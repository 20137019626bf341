using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace A2A.Micro.System.Tests;

/// <summary>A Gateway dies with deliveries in hand: every event arrives all the same, under its own id.</summary>
[Trait("Requirement", "13")]
[Trait("Requirement", "32")]
public sealed class KilledWebhooksTests(Studio studio) : StudioTests(studio)
{
    [Fact]
    public async Task What_a_killed_gateway_had_in_hand_and_what_happened_while_it_was_away_is_delivered()
    {
        await using var receiver = new HookReceiver();
        using var made = await System.Http.PostAsJsonAsync("/v1/webhooks", new { url = receiver.Address, events = new[] { "task.completed" } });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        string[] ids = [.. Enumerable.Range(0, 6).Select(i => $"hooked-{i}")];
        foreach (var id in ids) { _ = await System.SubmitId(Caller.Small(id)); }
        await Eventually.True(() => receiver.Came > 0, "a delivery is in hand", System.Tails, TimeSpan.FromSeconds(60));

        await System.Kill("Gateway");
        receiver.Answers = true;
        await System.StartAgain("Gateway");

        await Eventually.True(() => receiver.Answered.Distinct().Count() == ids.Length, "every end is delivered",
            () => string.Join(", ", receiver.Answered) + System.Tails(), TimeSpan.FromSeconds(90));
        using var gone = await System.Http.DeleteAsync("/v1/webhooks/" + (await made.Content.ReadFromJsonAsync<JsonElement>()).Text("webhook_id"));
        Assert.True(gone.IsSuccessStatusCode, $"{gone.StatusCode}");
    }

    /// <summary>Keeps callers waiting until it is told to answer.</summary>
    private sealed class HookReceiver : IAsyncDisposable
    {
        private readonly HttpListener listener = new();
        private readonly ConcurrentBag<HttpListenerContext> kept = [];
        private readonly Task serving;
        private volatile bool answers;
        private int came;

        public HookReceiver()
        {
            Address = $"http://127.0.0.1:{FreePort.Next()}/";
            listener.Prefixes.Add(Address);
            listener.Start();
            serving = Serve();
        }

        public string Address { get; }

        public int Came => Volatile.Read(ref came);

        public bool Answers { get => answers; set => answers = value; }

        /// <summary>Ids of the events that were answered with 200.</summary>
        public ConcurrentBag<string> Answered { get; } = [];

        public async ValueTask DisposeAsync()
        {
            listener.Close();
            await serving;
        }

        private async Task Serve()
        {
            try
            {
                while (true)
                {
                    var call = await listener.GetContextAsync();
                    _ = Interlocked.Increment(ref came);
                    if (!Answers)
                    {
                        kept.Add(call);
                        continue;
                    }

                    call.Response.StatusCode = 200;
                    call.Response.Close();
                    Answered.Add(call.Request.Headers["webhook-id"] ?? "");
                }
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // closed, as wished
            }
        }
    }
}
