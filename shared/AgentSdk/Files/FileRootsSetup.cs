using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace A2A.Micro.AgentSdk.Files;

/// <summary>Puts <see cref="FileRoots"/> into a container.</summary>
public static class FileRootsSetup
{
    /// <summary>Binds and checks the folders; to be handed to an <see cref="AgentModule"/>.</summary>
    public static void AddFileRoots(this IServiceCollection services, IConfiguration configuration)
    {
        // Several agents of a process share the folders; a list that is bound twice would grow.
        if (services.Any(service => service.ServiceType == typeof(FileRoots))) { return; }
        services.TryAddSingleton<FileRoots>();
        _ = services.AddOptions<FileRootsOptions>()
            .Bind(configuration.GetSection(AgentOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
    }
}
